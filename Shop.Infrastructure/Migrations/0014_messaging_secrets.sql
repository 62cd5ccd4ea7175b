-- Whether the payload has been looked through, and what is secret in it taken out: an hour after its death nobody can use that any more.
ALTER TABLE messaging.dead_letters ADD COLUMN secrets_gone boolean NOT NULL DEFAULT false;

CREATE INDEX dead_letters_secrets ON messaging.dead_letters (died_at) WHERE NOT secrets_gone;
CREATE INDEX dead_letters_died ON messaging.dead_letters (died_at);
