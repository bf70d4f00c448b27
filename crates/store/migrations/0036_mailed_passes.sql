-- The links of passes say what became of the mail that they went by.
CREATE INDEX mail_of_link ON mail (link_hash) WHERE link_hash IS NOT NULL;
