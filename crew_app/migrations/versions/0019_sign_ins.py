"""who is signed in where, so that it can be ended; and the second step of signing in

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'sign_ins',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('door', sa.String(length=8), nullable=False),
        sa.Column('proof', sa.String(length=12), nullable=False),
        sa.Column('browser', sa.String(length=60), nullable=False),
        sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_by', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_sign_ins_person_id_people')),
        sa.ForeignKeyConstraint(['ended_by'], ['people.id'], name=op.f('fk_sign_ins_ended_by_people')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_ins')),
        sa.UniqueConstraint('digest', name=op.f('uq_sign_ins_digest')),
    )
    op.create_index(op.f('ix_sign_ins_person_id'), 'sign_ins', ['person_id'])
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.add_column(sa.Column('code_secret', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('code_step', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('recovery_digests', sa.String(length=800), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('city_account', sa.String(length=255), nullable=True))
        batch_op.create_unique_constraint(op.f('uq_people_city_account'), ['city_account'])


def downgrade() -> None:
    with op.batch_alter_table('people', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_people_city_account'), type_='unique')
        for name in ('city_account', 'recovery_digests', 'code_step', 'code_secret'):
            batch_op.drop_column(name)
    op.drop_table('sign_ins')
