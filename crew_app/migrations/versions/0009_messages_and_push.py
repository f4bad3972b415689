"""what the office tells crews, how their phones are woken, and the day as the crew says it

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
LISTENERS = ('crew_messages', 'web_push')


def upgrade() -> None:
    op.create_table('messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('crew_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_messages_case_id_cases')),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], name=op.f('fk_messages_crew_id_crews')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_messages_person_id_people')),
    sa.ForeignKeyConstraint(['read_by_id'], ['people.id'], name=op.f('fk_messages_read_by_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    op.create_index(op.f('ix_messages_case_id'), 'messages', ['case_id'])
    op.create_index('ix_messages_crew_sent', 'messages', ['crew_id', 'sent_at'])
    op.create_table('push_subscriptions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('endpoint', sa.String(length=1000), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('p256dh', sa.String(length=100), nullable=False),
    sa.Column('auth', sa.String(length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_push_subscriptions_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_subscriptions')),
    sa.UniqueConstraint('endpoint', name=op.f('uq_push_subscriptions_endpoint'))
    )
    op.create_index(op.f('ix_push_subscriptions_person_id'), 'push_subscriptions', ['person_id'])
    op.create_table('push_notices',
    sa.Column('subscription_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['subscription_id'], ['push_subscriptions.id'], name=op.f('fk_push_notices_subscription_id_push_subscriptions'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('subscription_id', 'kind', name=op.f('pk_push_notices'))
    )
    op.create_index(op.f('ix_push_notices_due_at'), 'push_notices', ['due_at'])
    with op.batch_alter_table('crews', schema=None) as batch_op:
        batch_op.add_column(sa.Column('news_seq', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('started_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('members', JSON, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('vehicle', sa.String(length=60), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('skills', JSON, nullable=True))
    # A new listener hears what happens from now on, not the past.
    for name in LISTENERS:
        op.execute(f"INSERT INTO subscriptions (subscriber, told_seq) SELECT '{name}', coalesce(max(seq), 0) FROM event_log")


def downgrade() -> None:
    op.execute("DELETE FROM subscriptions WHERE subscriber IN ('crew_messages', 'web_push')")
    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_column('skills')
        batch_op.drop_column('vehicle')
        batch_op.drop_column('members')
        batch_op.drop_column('ended_at')
        batch_op.drop_column('started_at')
    with op.batch_alter_table('crews', schema=None) as batch_op:
        batch_op.drop_column('news_seq')
    op.drop_table('push_notices')
    op.drop_table('push_subscriptions')
    op.drop_table('messages')
