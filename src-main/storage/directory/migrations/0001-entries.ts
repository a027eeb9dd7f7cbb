import type { Migration } from '../../database.ts'

export const entriesMigration: Migration = {
  name: 'entries',
  sql: `
    -- rowIds ascend with falling rank, so that the first rows of a match in their order are the best, without sorting.
    CREATE TABLE entry (rowId INTEGER PRIMARY KEY, recipientId TEXT NOT NULL UNIQUE,
      entry TEXT NOT NULL CHECK (json_valid(entry))) STRICT;
    -- Beginnings of up to 8 letters are kept ready: of longer ones FTS5 gathers every match before it gives the first.
    CREATE VIRTUAL TABLE entry_words USING fts5 (words, content = '', contentless_delete = 1, detail = none,
      prefix = '1 2 3 4 5 6 7 8', tokenize = "unicode61 remove_diacritics 0");

    -- Words of names with one letter left out, to the words: a typo shares one with what was meant.
    CREATE TABLE slip (form TEXT NOT NULL, word TEXT NOT NULL, PRIMARY KEY (form, word)) STRICT, WITHOUT ROWID;
    CREATE TABLE revision (only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL) STRICT;
    INSERT INTO revision VALUES (1, 0);
  `,
}
