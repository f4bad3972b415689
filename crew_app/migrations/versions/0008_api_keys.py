"""programs that report cases, each with a key

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('api_keys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('contact', sa.String(length=254), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('begins_with', sa.String(length=8), nullable=False),
    sa.Column('per_minute', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_keys_digest'))
    )
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.add_column(sa.Column('api_key_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('external_id', sa.String(length=140), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_reports_api_key_id_api_keys'), 'api_keys', ['api_key_id'], ['id'])
        batch_op.create_unique_constraint(batch_op.f('uq_reports_api_key_id_external_id'), ['api_key_id', 'external_id'])


def downgrade() -> None:
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_reports_api_key_id_external_id'), type_='unique')
        batch_op.drop_constraint(batch_op.f('fk_reports_api_key_id_api_keys'), type_='foreignkey')
        batch_op.drop_column('external_id')
        batch_op.drop_column('api_key_id')
    op.drop_table('api_keys')
