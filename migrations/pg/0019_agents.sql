CREATE TABLE "enrolment" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"fleet" text COLLATE "C" NOT NULL,
	"description" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"used_at" bigint,
	"revoked_at" bigint,
	"agent" text COLLATE "C",
	CONSTRAINT "enrolment_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "agent" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"fleet" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"public_key" text COLLATE "C" NOT NULL,
	"generation" bigint NOT NULL,
	"nonce" text COLLATE "C",
	"hash" text COLLATE "C",
	"version" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"renewed_at" bigint,
	"expires_at" bigint,
	"lapses_at" bigint NOT NULL,
	"stopped_at" bigint,
	"stop_reason" text COLLATE "C",
	CONSTRAINT "agent_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
ALTER TABLE "enrolment" ADD CONSTRAINT "enrolment_fleet_fleet_name_fk" FOREIGN KEY ("fleet") REFERENCES "public"."fleet"("name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent" ADD CONSTRAINT "agent_fleet_fleet_name_fk" FOREIGN KEY ("fleet") REFERENCES "public"."fleet"("name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "enrolment_fleet" ON "enrolment" USING btree ("fleet","id");--> statement-breakpoint
CREATE INDEX "enrolment_expires" ON "enrolment" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "agent_fleet" ON "agent" USING btree ("fleet","id");--> statement-breakpoint
CREATE INDEX "agent_lapses" ON "agent" USING btree ("lapses_at");