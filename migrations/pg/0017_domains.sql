CREATE TABLE "domain" (
	"tenant" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"reversed" text COLLATE "C" NOT NULL,
	"token" text COLLATE "C" NOT NULL,
	"held" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"proven_at" bigint,
	"missing_since" bigint,
	"checked_at" bigint,
	"next_check_at" bigint,
	"failures" bigint NOT NULL,
	"reason" text COLLATE "C",
	"cleared" bigint NOT NULL,
	CONSTRAINT "domain_tenant_name_pk" PRIMARY KEY("tenant","name"),
	CONSTRAINT "domain_held_unique" UNIQUE("held")
);
--> statement-breakpoint
ALTER TABLE "domain" ADD CONSTRAINT "domain_tenant_tenant_name_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "domain_reversed" ON "domain" USING btree ("reversed");--> statement-breakpoint
CREATE INDEX "domain_next_check" ON "domain" USING btree ("next_check_at");