DROP INDEX "automatic_name_due";--> statement-breakpoint
ALTER TABLE "automatic_name" ADD COLUMN "queue" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "automatic_name_due" ON "automatic_name" USING btree ("queue","due_at","tenant","name");