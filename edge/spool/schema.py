"""The spool's tables, version by version."""

from typing import Final

MIGRATIONS: Final = (
    """
    CREATE TABLE readings (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        reading_id TEXT NOT NULL UNIQUE,
        printer TEXT NOT NULL,
        day TEXT NOT NULL,
        target TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        has_alert_change INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL,
        batch INTEGER REFERENCES batches (seq)
    );
    CREATE INDEX readings_of_printer ON readings (printer, day, row);
    CREATE INDEX readings_of_target ON readings (target);
    CREATE INDEX readings_of_batch ON readings (batch);
    CREATE TABLE batches (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        boot_id TEXT NOT NULL,
        dropped INTEGER NOT NULL,
        created_at TEXT NOT NULL
    );
    CREATE TABLE dead_letters (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        reading_id TEXT NOT NULL,
        target TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        rejected_at TEXT NOT NULL,
        reason TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        body TEXT NOT NULL
    );
    CREATE TABLE printers (
        target TEXT PRIMARY KEY,
        state TEXT,
        model TEXT,
        serial_number TEXT,
        stage TEXT NOT NULL,
        failure_stage TEXT,
        reason TEXT,
        seen_at TEXT NOT NULL,
        read_at TEXT,
        spooled_at TEXT,
        acknowledged_at TEXT,
        failed_at TEXT
    );
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
    """
    ALTER TABLE printers RENAME TO printers_by_target;
    CREATE TABLE printers (
        printer TEXT PRIMARY KEY,
        target TEXT UNIQUE,
        last_target TEXT NOT NULL,
        seconds TEXT NOT NULL DEFAULT '',
        state TEXT,
        manufacturer TEXT,
        model TEXT,
        serial_number TEXT,
        mac_address TEXT,
        answered_by TEXT,
        stage TEXT NOT NULL,
        failure_stage TEXT,
        reason TEXT,
        seen_at TEXT NOT NULL,
        read_at TEXT,
        spooled_at TEXT,
        acknowledged_at TEXT,
        failed_at TEXT,
        failing_since TEXT
    );
    INSERT INTO printers (printer, target, last_target, state, model, serial_number, stage, failure_stage, reason,
        seen_at, read_at, spooled_at, acknowledged_at, failed_at, failing_since)
    SELECT '@' || target, target, target, state, model, serial_number, stage, failure_stage, reason,
        seen_at, read_at, spooled_at, acknowledged_at, failed_at, failed_at FROM printers_by_target;
    DROP TABLE printers_by_target;
    """,
    """
    ALTER TABLE readings ADD COLUMN tier INTEGER NOT NULL DEFAULT 3;
    ALTER TABLE readings ADD COLUMN kept_at REAL NOT NULL DEFAULT 0;
    ALTER TABLE readings ADD COLUMN seal BLOB;
    UPDATE readings AS r SET tier = CASE
        WHEN NOT EXISTS (SELECT 1 FROM readings n WHERE n.printer = r.printer AND n.row > r.row) THEN 3
        WHEN has_alert_change THEN 2
        WHEN NOT EXISTS (SELECT 1 FROM readings n WHERE n.printer = r.printer AND n.day = r.day AND n.row > r.row)
            THEN 1
        ELSE 0 END;
    DROP INDEX readings_of_printer;
    CREATE INDEX readings_of_printer ON readings (printer, tier, day);
    CREATE INDEX readings_by_tier ON readings (tier, row) WHERE batch IS NULL;
    ALTER TABLE printers ADD COLUMN seen_age REAL NOT NULL DEFAULT 0;
    UPDATE facts SET name = 'dropped_full' WHERE name = 'dropped';
    CREATE TABLE traffic (
        day TEXT PRIMARY KEY,
        uploads INTEGER NOT NULL,
        readings INTEGER NOT NULL,
        sent_bytes INTEGER NOT NULL,
        received_bytes INTEGER NOT NULL
    );
    """,
)
"""One script for each `user_version`, in order. A released script is never changed, only followed by another.

Of readings: ``tier`` is the rank among what is given up (`edge.spool.room`), ``kept_at`` the spool's age in seconds
when it came (`edge.spool.age`), ``seal`` a digest that finds a damaged row, NULL in rows from before there were seals.
"""
