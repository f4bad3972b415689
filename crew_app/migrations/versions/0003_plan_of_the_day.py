"""plan of the day

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')


def upgrade() -> None:
    op.create_table('dispatch_runs',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('policy', sa.String(length=16), nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('crews', sa.Integer(), nullable=False),
    sa.Column('given', sa.Integer(), nullable=False),
    sa.Column('moved', sa.Integer(), nullable=False),
    sa.Column('skipped', sa.Integer(), nullable=False),
    sa.Column('took_ms', sa.Integer(), nullable=False),
    sa.Column('cost', JSON, nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatch_runs'))
    )
    op.create_index(op.f('ix_dispatch_runs_at'), 'dispatch_runs', ['at'])
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('position', sa.Integer(), nullable=True))

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_urgent', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('held_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('held_why', sa.String(length=200), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('pinned_crew_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_cases_pinned_crew_id_crews'), 'crews', ['pinned_crew_id'], ['id'])

    with op.batch_alter_table('crews', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lent_department_ids', JSON, nullable=False, server_default='[]'))

    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('break_from', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('break_minutes', sa.Integer(), nullable=False, server_default='30'))

    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.add_column(sa.Column('work_minutes', sa.Integer(), nullable=False, server_default='20'))
        batch_op.add_column(sa.Column('duplicate_radius_m', sa.Integer(), nullable=False, server_default='25'))


def downgrade() -> None:
    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.drop_column('duplicate_radius_m')
        batch_op.drop_column('work_minutes')

    with op.batch_alter_table('shifts', schema=None) as batch_op:
        batch_op.drop_column('break_minutes')
        batch_op.drop_column('break_from')

    with op.batch_alter_table('crews', schema=None) as batch_op:
        batch_op.drop_column('lent_department_ids')

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_cases_pinned_crew_id_crews'), type_='foreignkey')
        batch_op.drop_column('pinned_crew_id')
        batch_op.drop_column('held_why')
        batch_op.drop_column('held_since')
        batch_op.drop_column('is_urgent')

    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.drop_column('position')

    op.drop_index(op.f('ix_dispatch_runs_at'), table_name='dispatch_runs')
    op.drop_table('dispatch_runs')
