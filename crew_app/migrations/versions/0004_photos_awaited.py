"""photos still on crews' phones

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

AWAITED = sa.text('verified_at IS NULL AND operation_id IS NOT NULL')


def upgrade() -> None:
    op.create_index('ix_photos_awaited', 'photos', ['operation_id'], sqlite_where=AWAITED, postgresql_where=AWAITED)


def downgrade() -> None:
    op.drop_index('ix_photos_awaited', table_name='photos')
