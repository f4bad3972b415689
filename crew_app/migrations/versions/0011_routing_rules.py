"""routing rules, and the record of what was changed

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')


def upgrade() -> None:
    op.create_table('routing_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Double(), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.Column('is_removed', sa.Boolean(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=True),
    sa.Column('district_ids', JSON, nullable=False),
    sa.Column('weekdays', JSON, nullable=False),
    sa.Column('begins', sa.Time(), nullable=True),
    sa.Column('ends', sa.Time(), nullable=True),
    sa.Column('question', sa.String(length=200), nullable=False),
    sa.Column('answers', JSON, nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('crew_id', sa.Integer(), nullable=True),
    sa.Column('queue', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], name=op.f('fk_routing_rules_crew_id_crews')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_routing_rules_department_id_departments')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_routing_rules_service_id_services')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_routing_rules'))
    )
    op.create_table('city_changes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('thing_id', sa.String(length=36), nullable=False),
    sa.Column('before', JSON, nullable=True),
    sa.Column('after', JSON, nullable=False),
    sa.Column('undoes_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_city_changes_person_id_people')),
    sa.ForeignKeyConstraint(['undoes_id'], ['city_changes.id'], name=op.f('fk_city_changes_undoes_id_city_changes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_city_changes')),
    sa.UniqueConstraint('undoes_id', name=op.f('uq_city_changes_undoes_id'))
    )
    op.create_index('ix_city_changes_thing', 'city_changes', ['kind', 'thing_id'])
    op.create_index(op.f('ix_city_changes_at'), 'city_changes', ['at'])


def downgrade() -> None:
    op.drop_table('city_changes')
    op.drop_table('routing_rules')
