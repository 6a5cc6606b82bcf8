ALTER TABLE "node" ADD COLUMN "ahead" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "behind" text COLLATE "C" DEFAULT '[]' NOT NULL;