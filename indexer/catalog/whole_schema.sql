CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE collections (
  id VARCHAR(32) NOT NULL,
  name VARCHAR(100) NOT NULL,
  fingerprint JSON NOT NULL,
  generation BIGINT NOT NULL,
  created_at DATETIME NOT NULL, title TEXT,
  CONSTRAINT pk_collections PRIMARY KEY (id),
  CONSTRAINT uq_collections_name UNIQUE (name)
);

CREATE TABLE segments (
  name VARCHAR(32) NOT NULL,
  collection_id VARCHAR(32) NOT NULL,
  n_pages INTEGER NOT NULL,
  n_vectors BIGINT NOT NULL,
  dim INTEGER NOT NULL,
  files JSON NOT NULL, is_shadow BOOLEAN DEFAULT 0 NOT NULL,
  CONSTRAINT pk_segments PRIMARY KEY (name),
  CONSTRAINT fk_segments_collection_id_collections FOREIGN KEY(collection_id) REFERENCES collections (id)
);

CREATE INDEX ix_segments_collection_id ON segments (collection_id);

CREATE TABLE documents (
  id VARCHAR(32) NOT NULL,
  collection_id VARCHAR(32) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  name TEXT NOT NULL,
  n_bytes BIGINT NOT NULL,
  verdict VARCHAR(32) NOT NULL,
  error_code VARCHAR(64),
  error_message TEXT,
  warnings JSON NOT NULL,
  n_pages INTEGER NOT NULL,
  first_page_id BIGINT,
  segment VARCHAR(32),
  created_at DATETIME NOT NULL, degraded TEXT, reader INTEGER, media_type VARCHAR(100), shadow_segment VARCHAR(32),
  CONSTRAINT pk_documents PRIMARY KEY (id),
  CONSTRAINT uq_documents_collection_id_sha256 UNIQUE (collection_id, sha256),
  CONSTRAINT fk_documents_collection_id_collections FOREIGN KEY(collection_id) REFERENCES collections (id),
  CONSTRAINT fk_documents_segment_segments FOREIGN KEY(segment) REFERENCES segments (name)
);

CREATE INDEX ix_documents_segment ON documents (segment);

CREATE TABLE pages (
  id BIGINT NOT NULL,
  document_id VARCHAR(32) NOT NULL,
  page_number INTEGER NOT NULL,
  label TEXT NOT NULL,
  width_pt FLOAT NOT NULL,
  height_pt FLOAT NOT NULL,
  image_sha256 VARCHAR(64) NOT NULL,
  image_width_px INTEGER NOT NULL,
  image_height_px INTEGER NOT NULL,
  n_vectors INTEGER NOT NULL,
  text_source VARCHAR(8) NOT NULL, content_sha256 VARCHAR(64), shadow_n_vectors INTEGER, time_s FLOAT,
  CONSTRAINT pk_pages PRIMARY KEY (id),
  CONSTRAINT fk_pages_document_id_documents FOREIGN KEY(document_id) REFERENCES documents (id)
);

CREATE INDEX ix_pages_document_id ON pages (document_id);

CREATE TABLE page_words (
  page_id BIGINT NOT NULL,
  words BLOB NOT NULL,
  CONSTRAINT pk_page_words PRIMARY KEY (page_id),
  CONSTRAINT fk_page_words_page_id_pages FOREIGN KEY(page_id) REFERENCES pages (id)
);

CREATE TABLE counters (
  name VARCHAR(32) NOT NULL,
  value BIGINT NOT NULL,
  CONSTRAINT pk_counters PRIMARY KEY (name)
);

CREATE TABLE jobs (
  id VARCHAR(32) NOT NULL,
  number BIGINT NOT NULL,
  collection_id VARCHAR(32) NOT NULL,
  name TEXT NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  n_bytes BIGINT NOT NULL,
  priority INTEGER NOT NULL,
  upload_key VARCHAR(255),
  upload_place INTEGER NOT NULL,
  token BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  lease_owner TEXT,
  lease_until DATETIME,
  heartbeat_at DATETIME,
  not_before DATETIME,
  pages_done INTEGER NOT NULL,
  pages_total INTEGER,
  verdict VARCHAR(32),
  error_code VARCHAR(64),
  error_message TEXT,
  document_id VARCHAR(32),
  created_at DATETIME NOT NULL,
  started_at DATETIME,
  ended_at DATETIME,
  cancelled_at DATETIME,
  CONSTRAINT pk_jobs PRIMARY KEY (id),
  CONSTRAINT uq_jobs_number UNIQUE (number),
  CONSTRAINT uq_jobs_collection_id_upload_key_upload_place UNIQUE (collection_id, upload_key, upload_place),
  CONSTRAINT fk_jobs_collection_id_collections FOREIGN KEY(collection_id) REFERENCES collections (id)
);

CREATE INDEX ix_jobs_collection_id ON jobs (collection_id);

CREATE INDEX ix_jobs_verdict_priority_number ON jobs (verdict, priority, number);

CREATE TABLE conversations (
  id VARCHAR(32) NOT NULL,
  title TEXT NOT NULL,
  collections JSON NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL, owner VARCHAR(32),
  CONSTRAINT pk_conversations PRIMARY KEY (id)
);

CREATE INDEX ix_conversations_updated_at ON conversations (updated_at);

CREATE TABLE messages (
  id VARCHAR(32) NOT NULL,
  conversation_id VARCHAR(32) NOT NULL,
  position INTEGER NOT NULL,
  role VARCHAR(16) NOT NULL,
  text TEXT NOT NULL,
  answer JSON,
  created_at DATETIME NOT NULL,
  CONSTRAINT pk_messages PRIMARY KEY (id),
  CONSTRAINT uq_messages_conversation_id_position UNIQUE (conversation_id, position),
  CONSTRAINT fk_messages_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);

CREATE TABLE message_feedback (
  message_id VARCHAR(32) NOT NULL,
  verdict VARCHAR(16) NOT NULL,
  comment TEXT NOT NULL,
  created_at DATETIME NOT NULL,
  CONSTRAINT pk_message_feedback PRIMARY KEY (message_id),
  CONSTRAINT fk_message_feedback_message_id_messages FOREIGN KEY(message_id) REFERENCES messages (id)
);

CREATE TABLE api_keys (
  id VARCHAR(32) NOT NULL,
  name TEXT NOT NULL,
  secret_sha256 VARCHAR(64) NOT NULL,
  scope VARCHAR(8) NOT NULL,
  collection_ids JSON,
  created_at DATETIME NOT NULL,
  expires_at DATETIME,
  revoked_at DATETIME,
  last_used_at DATETIME, max_bytes_per_day BIGINT, max_documents_per_day BIGINT, max_questions_per_day BIGINT,
  CONSTRAINT pk_api_keys PRIMARY KEY (id)
);

CREATE TABLE pair_mark (
  number INTEGER NOT NULL,
  id VARCHAR(32) NOT NULL,
  epoch BIGINT NOT NULL,
  CONSTRAINT pk_pair_mark PRIMARY KEY (number)
);

CREATE TABLE removals (
  number INTEGER NOT NULL,
  kind VARCHAR(16) NOT NULL,
  collection_id VARCHAR(32) NOT NULL,
  name VARCHAR(64) NOT NULL,
  since DATETIME NOT NULL,
  CONSTRAINT pk_removals PRIMARY KEY (number)
);

CREATE INDEX ix_documents_sha256 ON documents (sha256);

CREATE INDEX ix_pages_image_sha256 ON pages (image_sha256);

CREATE INDEX ix_jobs_sha256 ON jobs (sha256);

CREATE TABLE api_key_usage (
  key_id VARCHAR(32) NOT NULL,
  day VARCHAR(10) NOT NULL,
  n_bytes BIGINT NOT NULL,
  n_documents BIGINT NOT NULL,
  n_questions BIGINT NOT NULL,
  CONSTRAINT pk_api_key_usage PRIMARY KEY (key_id, day),
  CONSTRAINT fk_api_key_usage_key_id_api_keys FOREIGN KEY(key_id) REFERENCES api_keys (id)
);

CREATE VIRTUAL TABLE page_index USING fts5(words, headings, cells, names, places, tokenize="ascii tokenchars '-/.,&+:^'");

CREATE TRIGGER page_index_of_deleted AFTER DELETE ON pages BEGIN DELETE FROM page_index WHERE rowid = old.id; END;

CREATE TABLE document_names (
  id VARCHAR(32) NOT NULL,
  collection_id VARCHAR(32) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  name TEXT NOT NULL,
  name_start VARCHAR(200) NOT NULL,
  attached_to VARCHAR(64),
  given_at DATETIME NOT NULL,
  CONSTRAINT pk_document_names PRIMARY KEY (id)
);

CREATE INDEX ix_document_names_collection_id_sha256 ON document_names (collection_id, sha256);

CREATE INDEX ix_document_names_collection_id_name_start ON document_names (collection_id, name_start);

CREATE INDEX ix_document_names_collection_id_attached_to ON document_names (collection_id, attached_to);

CREATE TABLE document_tags (
  collection_id VARCHAR(32) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  tag VARCHAR(64) NOT NULL, origin VARCHAR(16),
  CONSTRAINT pk_document_tags PRIMARY KEY (collection_id, sha256, tag)
);

CREATE INDEX ix_document_tags_collection_id_tag ON document_tags (collection_id, tag);

CREATE TABLE document_metadata (
  collection_id VARCHAR(32) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  name VARCHAR(64) NOT NULL,
  value TEXT NOT NULL, origin VARCHAR(16),
  CONSTRAINT pk_document_metadata PRIMARY KEY (collection_id, sha256, name)
);

CREATE INDEX ix_pages_content_sha256 ON pages (content_sha256);

CREATE TABLE synced_files (
  id VARCHAR(32) NOT NULL,
  collection_id VARCHAR(32) NOT NULL,
  folder TEXT NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  n_bytes BIGINT NOT NULL,
  modified_ns BIGINT NOT NULL,
  changed_ns BIGINT NOT NULL,
  device BIGINT NOT NULL, entity_tag TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_synced_files PRIMARY KEY (id)
);

CREATE INDEX ix_synced_files_collection_id ON synced_files (collection_id);

CREATE TABLE holds (
  id VARCHAR(32) NOT NULL,
  name VARCHAR(64) NOT NULL,
  is_exclusive BOOLEAN NOT NULL,
  ends_at DATETIME NOT NULL,
  CONSTRAINT pk_holds PRIMARY KEY (id)
);

CREATE INDEX ix_holds_name ON holds (name);

CREATE TABLE pins (
  hold_id VARCHAR(32) NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  CONSTRAINT pk_pins PRIMARY KEY (hold_id, sha256),
  CONSTRAINT fk_pins_hold_id_holds FOREIGN KEY(hold_id) REFERENCES holds (id) ON DELETE CASCADE
);

CREATE TABLE reencodings (
  collection_id VARCHAR(32) NOT NULL,
  fingerprint JSON NOT NULL,
  swapped_at DATETIME,
  CONSTRAINT pk_reencodings PRIMARY KEY (collection_id),
  CONSTRAINT fk_reencodings_collection_id_collections FOREIGN KEY(collection_id) REFERENCES collections (id) ON DELETE CASCADE
);

CREATE INDEX ix_documents_shadow_segment ON documents (shadow_segment);

CREATE TABLE request_buckets (
  key_id VARCHAR(255) NOT NULL,
  n_left FLOAT NOT NULL,
  moment DATETIME NOT NULL,
  CONSTRAINT pk_request_buckets PRIMARY KEY (key_id)
);

INSERT INTO alembic_version VALUES ('0020');

INSERT INTO counters VALUES ('page_id', 1), ('job', 1)
