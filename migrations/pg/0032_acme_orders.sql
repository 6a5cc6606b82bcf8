CREATE TABLE "acme_order" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"tenant" text COLLATE "C" NOT NULL,
	"domain" text COLLATE "C" NOT NULL,
	"at" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "acme_order_at" ON "acme_order" USING btree ("at");--> statement-breakpoint
ALTER TABLE "automatic_name" DROP COLUMN "counted_at";--> statement-breakpoint
ALTER TABLE "automatic_name" DROP COLUMN "domain";