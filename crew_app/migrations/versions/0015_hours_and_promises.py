"""working hours, holidays, and what services promise from a day on

Revision ID: 0015
Revises: 0014
"""

from datetime import time

import sqlalchemy as sa
from alembic import op


revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    hours = op.create_table('working_hours',
    sa.Column('weekday', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('opens', sa.Time(), nullable=True),
    sa.Column('closes', sa.Time(), nullable=True),
    sa.PrimaryKeyConstraint('weekday', name=op.f('pk_working_hours'))
    )
    op.bulk_insert(hours, [
        {'weekday': day, 'opens': time(8, 30) if day < 5 else None, 'closes': time(17) if day < 5 else None} for day in range(7)
    ])
    op.create_table('holidays',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('is_removed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holidays'))
    )
    op.create_index(op.f('ix_holidays_day'), 'holidays', ['day'])
    op.create_table('service_levels',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('holds_from', sa.Date(), nullable=False),
    sa.Column('target_days', sa.Integer(), nullable=True),
    sa.Column('target_calendar', sa.String(length=16), nullable=False),
    sa.Column('is_removed', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_levels_service_id_services')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_levels'))
    )
    op.create_index(op.f('ix_service_levels_service_id'), 'service_levels', ['service_id'])


def downgrade() -> None:
    op.drop_table('service_levels')
    op.drop_table('holidays')
    op.drop_table('working_hours')
