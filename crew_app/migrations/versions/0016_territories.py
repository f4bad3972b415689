"""territories drawn on the map

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('territories',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('crew_id', sa.Integer(), nullable=True),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.Column('boundary', sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('is_removed', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(crew_id IS NULL) <> (department_id IS NULL)', name=op.f('ck_territories_one_owner')),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], name=op.f('fk_territories_crew_id_crews')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_territories_department_id_departments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_territories'))
    )
    op.create_index(op.f('ix_territories_crew_id'), 'territories', ['crew_id'])
    op.create_index(op.f('ix_territories_department_id'), 'territories', ['department_id'])


def downgrade() -> None:
    op.drop_table('territories')
