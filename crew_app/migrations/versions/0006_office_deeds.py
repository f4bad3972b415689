"""office deeds

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('surges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('begins_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('crews_ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('people_ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surges'))
    )
    op.create_index(op.f('ix_surges_people_ended_at'), 'surges', ['people_ended_at'])
    op.create_table('loans',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('crew_id', sa.Integer(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=False),
    sa.Column('begins_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.ForeignKeyConstraint(['crew_id'], ['crews.id'], name=op.f('fk_loans_crew_id_crews')),
    sa.ForeignKeyConstraint(['department_id'], ['departments.id'], name=op.f('fk_loans_department_id_departments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loans'))
    )
    op.create_index(op.f('ix_loans_ends_at'), 'loans', ['ends_at'])
    op.create_table('office_deeds',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('why', sa.String(length=500), nullable=False),
    sa.Column('form', JSON, nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_why', sa.String(length=500), nullable=False),
    sa.Column('undoes_id', sa.Integer(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['decided_by_id'], ['people.id'], name=op.f('fk_office_deeds_decided_by_id_people')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_office_deeds_person_id_people')),
    sa.ForeignKeyConstraint(['undoes_id'], ['office_deeds.id'], name=op.f('fk_office_deeds_undoes_id_office_deeds')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_office_deeds'))
    )
    op.create_index('ix_office_deeds_state', 'office_deeds', ['state', 'asked_at'])
    op.create_index(op.f('ix_office_deeds_person_id'), 'office_deeds', ['person_id'])
    op.create_index(op.f('ix_office_deeds_done_at'), 'office_deeds', ['done_at'])
    op.create_index(op.f('ix_office_deeds_undoes_id'), 'office_deeds', ['undoes_id'])
    op.create_table('deed_cases',
    sa.Column('deed_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('before', JSON, nullable=False),
    sa.Column('after', JSON, nullable=False),
    sa.Column('is_undone', sa.Boolean(), nullable=False),
    sa.Column('left', sa.String(length=16), nullable=True),
    sa.Column('stopped_by_seq', SEQUENCE, nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_deed_cases_case_id_cases')),
    sa.ForeignKeyConstraint(['deed_id'], ['office_deeds.id'], name=op.f('fk_deed_cases_deed_id_office_deeds')),
    sa.PrimaryKeyConstraint('deed_id', 'case_id', name=op.f('pk_deed_cases'))
    )
    op.create_index(op.f('ix_deed_cases_case_id'), 'deed_cases', ['case_id'])
    with op.batch_alter_table('crews', schema=None) as batch_op:
        batch_op.add_column(sa.Column('surge_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_crews_surge_id'), ['surge_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_crews_surge_id_surges'), 'surges', ['surge_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('crews', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_crews_surge_id_surges'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_crews_surge_id'))
        batch_op.drop_column('surge_id')

    op.drop_table('deed_cases')
    op.drop_table('office_deeds')
    op.drop_table('loans')
    op.drop_table('surges')
