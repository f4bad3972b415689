"""all a crew does

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('declines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('crew_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_declines_case_id_cases')),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], name=op.f('fk_declines_crew_id_crews')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_declines')),
    sa.UniqueConstraint('case_id', 'crew_id', name=op.f('uq_declines_case_id_crew_id'))
    )
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.add_column(sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parent_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('opened_by_id', sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f('ix_cases_parent_id'), ['parent_id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_cases_opened_by_id'), ['opened_by_id'])
        batch_op.create_foreign_key(batch_op.f('fk_cases_parent_id_cases'), 'cases', ['parent_id'], ['id'])

    with op.batch_alter_table('photos', schema=None) as batch_op:
        batch_op.add_column(sa.Column('operation_id', sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f('ix_photos_operation_id'), ['operation_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('photos', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_photos_operation_id'))
        batch_op.drop_column('operation_id')

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_cases_parent_id_cases'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_cases_opened_by_id'), type_='unique')
        batch_op.drop_index(batch_op.f('ix_cases_parent_id'))
        batch_op.drop_column('opened_by_id')
        batch_op.drop_column('parent_id')

    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.drop_column('accepted_at')

    op.drop_table('declines')
