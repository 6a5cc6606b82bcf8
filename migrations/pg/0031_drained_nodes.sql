ALTER TABLE "fleet" ADD COLUMN "drains" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "other_acked" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "other_live" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "other_agent" text COLLATE "C" DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "drain" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "fleet_tenant" ON "fleet" USING btree ("tenant");