ALTER TABLE "idempotency" ADD COLUMN "tenant" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "idempotency" ADD COLUMN "fleet" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "idempotency_tenant" ON "idempotency" USING btree ("tenant");--> statement-breakpoint
CREATE INDEX "idempotency_fleet" ON "idempotency" USING btree ("fleet");