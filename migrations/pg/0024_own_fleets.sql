ALTER TABLE "fleet" ADD COLUMN "managed_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "process" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "former_process" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "contested_at" bigint;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "drained_at" bigint;