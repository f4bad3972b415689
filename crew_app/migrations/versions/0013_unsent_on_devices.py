"""what a phone says it still holds

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.add_column(sa.Column('unsent', sa.Integer(), server_default='0', nullable=False))
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.alter_column('unsent', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.drop_column('unsent')
