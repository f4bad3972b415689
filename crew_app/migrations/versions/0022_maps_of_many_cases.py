"""what a public map and the feeds ask of hundreds of thousands of cases is found in an index

Revision ID: 0022
Revises: 0021
"""

from alembic import op


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    shown = ['closed_at', 'latitude', 'longitude', 'status', 'opened_at', 'service_id']
    op.create_index('ix_cases_closed_place', 'cases', shown)
    op.create_index('ix_cases_service_updated', 'cases', ['service_id', 'updated_at'])
    op.create_index('ix_cases_district_updated', 'cases', ['district_id', 'updated_at'])
    for name in ('closed_at', 'service_id', 'district_id'):  # each is the beginning of one of these
        op.drop_index(f'ix_cases_{name}', table_name='cases')


def downgrade() -> None:
    for name in ('closed_at', 'service_id', 'district_id'):
        op.create_index(f'ix_cases_{name}', 'cases', [name])
    for name in ('district_updated', 'service_updated', 'closed_place'):
        op.drop_index(f'ix_cases_{name}', table_name='cases')
