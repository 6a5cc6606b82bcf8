ALTER TABLE "enrolment" ADD COLUMN "created_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "agent" ADD COLUMN "enrolled_by" text COLLATE "C";