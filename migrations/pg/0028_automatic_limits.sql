ALTER TABLE "automatic_name" ADD COLUMN "attached" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "automatic_name" ADD COLUMN "counted_at" bigint;--> statement-breakpoint
ALTER TABLE "automatic_name" ADD COLUMN "domain" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "automatic_name" ADD COLUMN "method" text COLLATE "C";