"""merged cases

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BEFORE = ('received', 'assigned', 'en_route', 'on_site', 'closed', 'reopened', 'withdrawn')
NAME = 'ck_cases_status_known'


def one_of(statuses: tuple[str, ...]) -> str:
    return 'status IN (' + ', '.join(f"'{status}'" for status in statuses) + ')'


def upgrade() -> None:
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f(NAME), type_='check')
        batch_op.create_check_constraint(batch_op.f(NAME), one_of((*BEFORE, 'merged')))
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_cases_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_cases_merged_into_id_cases'), 'cases', ['merged_into_id'], ['id'])
    # A new listener hears what happens from now on, not the past.
    op.execute("INSERT INTO subscriptions (subscriber, told_seq) SELECT 'merges', coalesce(max(seq), 0) FROM event_log")


def downgrade() -> None:
    op.execute("DELETE FROM subscriptions WHERE subscriber = 'merges'")
    op.execute("UPDATE cases SET status = 'received' WHERE status = 'merged'")  # each waits on its own again
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_cases_merged_into_id_cases'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_cases_merged_into_id'))
        batch_op.drop_column('merged_into_id')
        batch_op.drop_constraint(batch_op.f(NAME), type_='check')
        batch_op.create_check_constraint(batch_op.f(NAME), one_of(BEFORE))
