CREATE TABLE "automatic_name" (
	"tenant" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"certificate" text COLLATE "C" NOT NULL,
	"challenge" text COLLATE "C" NOT NULL,
	"wanted" bigint NOT NULL,
	"step" text COLLATE "C" NOT NULL,
	"reason" text COLLATE "C" NOT NULL,
	"failures" bigint NOT NULL,
	"due_at" bigint NOT NULL,
	"version" bigint NOT NULL,
	"order_url" text COLLATE "C",
	"ordered_at" bigint,
	"challenge_url" text COLLATE "C",
	"token" text COLLATE "C",
	"answer" text COLLATE "C",
	"announced" text COLLATE "C",
	"next_key" text COLLATE "C",
	"chain" text COLLATE "C",
	"key" text COLLATE "C",
	"not_before" bigint,
	"not_after" bigint,
	"renew_at" bigint,
	"issued_at" bigint,
	CONSTRAINT "automatic_name_tenant_name_pk" PRIMARY KEY("tenant","name")
);
--> statement-breakpoint
CREATE TABLE "acme_account" (
	"directory" text COLLATE "C" PRIMARY KEY NOT NULL,
	"url" text COLLATE "C" NOT NULL,
	"key_id" text COLLATE "C" NOT NULL,
	"sealed" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "feed" ADD COLUMN "issued" text COLLATE "C";--> statement-breakpoint
CREATE INDEX "automatic_name_due" ON "automatic_name" USING btree ("due_at");