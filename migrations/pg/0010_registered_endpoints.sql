CREATE TABLE "registered_endpoint" (
	"tenant" text COLLATE "C" NOT NULL,
	"upstream" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"endpoint" text COLLATE "C" NOT NULL,
	"labels" text COLLATE "C" NOT NULL,
	"ttl" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"registered_at" bigint NOT NULL,
	CONSTRAINT "registered_endpoint_tenant_upstream_id_pk" PRIMARY KEY("tenant","upstream","id")
);
--> statement-breakpoint
ALTER TABLE "feed" ADD COLUMN "upstreams" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "registered_endpoint_expires" ON "registered_endpoint" USING btree ("expires_at");