ALTER TABLE "tenant" ADD COLUMN "suspended_at" bigint;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "suspended_reason" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "deleted_at" bigint;