CREATE TABLE "job" (
	"name" text COLLATE "C" PRIMARY KEY NOT NULL,
	"holder" text COLLATE "C" NOT NULL,
	"until" bigint NOT NULL,
	"started_at" bigint NOT NULL,
	"finished_at" bigint,
	"failures" bigint NOT NULL
);
