"""what needs a person's look

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
OPEN = sa.text('settled_at IS NULL')
TO_REVIEW = sa.text('review_reason IS NOT NULL AND settled_at IS NULL')


def upgrade() -> None:
    op.create_table('suspicions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('operation_id', sa.String(length=36), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('crew_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('facts', JSON, nullable=False),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('decision', sa.String(length=16), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_suspicions_case_id_cases')),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], name=op.f('fk_suspicions_crew_id_crews')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_suspicions_person_id_people')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['people.id'], name=op.f('fk_suspicions_settled_by_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suspicions')),
    sa.UniqueConstraint('operation_id', 'code', name=op.f('uq_suspicions_operation_id_code'))
    )
    op.create_index(op.f('ix_suspicions_case_id'), 'suspicions', ['case_id'])
    op.create_index('ix_suspicions_open', 'suspicions', ['raised_at'], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index('ix_closures_to_review', 'closures', ['received_at'], sqlite_where=TO_REVIEW, postgresql_where=TO_REVIEW)
    op.create_index(op.f('ix_photos_sha256'), 'photos', ['sha256'])
    with op.batch_alter_table('quarantine', schema=None) as batch_op:
        batch_op.add_column(sa.Column('settled_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('settled_how', sa.String(length=500), nullable=False, server_default=''))
        batch_op.create_foreign_key(batch_op.f('fk_quarantine_settled_by_id_people'), 'people', ['settled_by_id'], ['id'])
    # A new listener hears what happens from now on, not the past.
    op.execute("INSERT INTO subscriptions (subscriber, told_seq) SELECT 'suspicions', coalesce(max(seq), 0) FROM event_log")


def downgrade() -> None:
    op.execute("DELETE FROM subscriptions WHERE subscriber = 'suspicions'")
    with op.batch_alter_table('quarantine', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_quarantine_settled_by_id_people'), type_='foreignkey')
        batch_op.drop_column('settled_how')
        batch_op.drop_column('settled_by_id')

    op.drop_index(op.f('ix_photos_sha256'), table_name='photos')
    op.drop_index('ix_closures_to_review', table_name='closures')
    op.drop_table('suspicions')
