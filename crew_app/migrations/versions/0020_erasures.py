"""whose report was forgotten, so that a restored backup forgets it again

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'erasures',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('case_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_erasures_case_id_cases')),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_erasures_person_id_people')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
    )
    op.create_index(op.f('ix_erasures_at'), 'erasures', ['at'])
    op.create_index(op.f('ix_erasures_case_id'), 'erasures', ['case_id'])


def downgrade() -> None:
    op.drop_table('erasures')
