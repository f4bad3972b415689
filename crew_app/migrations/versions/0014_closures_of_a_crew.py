"""closures by case and crew, and by crew and time

Revision ID: 0014
Revises: 0013
"""

from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_closures_case_crew', 'closures', ['case_id', 'crew_id'])
    op.create_index('ix_closures_crew_received', 'closures', ['crew_id', 'received_at'])
    op.drop_index('ix_closures_case_id', table_name='closures')
    op.drop_index('ix_closures_crew_id', table_name='closures')


def downgrade() -> None:
    op.create_index('ix_closures_case_id', 'closures', ['case_id'])
    op.create_index('ix_closures_crew_id', 'closures', ['crew_id'])
    op.drop_index('ix_closures_case_crew', table_name='closures')
    op.drop_index('ix_closures_crew_received', table_name='closures')
