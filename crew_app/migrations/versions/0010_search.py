"""find and keep: an index of words, saved views, and who looked at contact details

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), 'postgresql')
CASE_WORDS = "to_tsvector('simple', regexp_replace(number || ' ' || address || ' ' || description, '[^[:alnum:]]+', ' ', 'g'))"
REPORTER_WORDS = (
    "to_tsvector('simple', regexp_replace("
    "coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, ''), '[^[:alnum:]]+', ' ', 'g'))"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute("CREATE VIRTUAL TABLE case_words USING fts5(said, reporter, tokenize='unicode61 remove_diacritics 0', prefix='2 3')")
        op.execute(
            "INSERT INTO case_words (rowid, said, reporter) SELECT id, number || ' ' || address || ' ' || description, coalesce("
            "(SELECT group_concat(coalesce(name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, ''), ' ')"
            " FROM reports WHERE reports.case_id = cases.id), '') FROM cases"
        )
    else:
        op.execute(f'CREATE INDEX ix_case_words ON cases USING gin ({CASE_WORDS})')
        op.execute(f'CREATE INDEX ix_report_words ON reports USING gin ({REPORTER_WORDS})')
    op.create_table('saved_views',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('filters', JSON, nullable=False),
    sa.Column('is_shared', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_saved_views_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_views'))
    )
    op.create_index(op.f('ix_saved_views_person_id'), 'saved_views', ['person_id'])
    op.create_table('contact_looks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=True),
    sa.Column('searched', sa.String(length=100), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_contact_looks_case_id_cases')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_contact_looks_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_looks'))
    )
    for name in ('at', 'case_id', 'person_id'):
        op.create_index(op.f(f'ix_contact_looks_{name}'), 'contact_looks', [name])


def downgrade() -> None:
    op.drop_table('contact_looks')
    op.drop_table('saved_views')
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TABLE case_words')
    else:
        op.execute('DROP INDEX ix_case_words')
        op.execute('DROP INDEX ix_report_words')
