"""residents follow cases, services and districts by e-mail

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from crew_app.models.types import UtcDateTime


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'followers',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('email', sa.String(length=254), nullable=False),
        sa.Column('language', sa.String(length=16), nullable=False),
        sa.Column('token', sa.String(length=43), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=True),
        sa.Column('service_id', sa.Integer(), nullable=True),
        sa.Column('district_id', sa.Integer(), nullable=True),
        sa.Column('asked_at', UtcDateTime(timezone=True), nullable=False),
        sa.Column('confirmed_at', UtcDateTime(timezone=True), nullable=True),
        sa.Column('ask_due_at', UtcDateTime(timezone=True), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_followers_case_id_cases')),
        sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_followers_service_id_services')),
        sa.ForeignKeyConstraint(['district_id'], ['districts.id'], name=op.f('fk_followers_district_id_districts')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_followers')),
        sa.UniqueConstraint('token', name=op.f('uq_followers_token')),
    )
    for name in ('email', 'case_id', 'ask_due_at'):
        op.create_index(op.f(f'ix_followers_{name}'), 'followers', [name])
    op.create_table(
        'letters',
        sa.Column('follower_id', sa.Integer(), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('state', sa.String(length=120), nullable=False),
        sa.Column('due_at', UtcDateTime(timezone=True), nullable=True),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ['follower_id'], ['followers.id'], name=op.f('fk_letters_follower_id_followers'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_letters_case_id_cases')),
        sa.PrimaryKeyConstraint('follower_id', 'case_id', name=op.f('pk_letters')),
    )
    op.create_index('ix_letters_due', 'letters', ['due_at'])


def downgrade() -> None:
    op.drop_table('letters')
    op.drop_table('followers')
