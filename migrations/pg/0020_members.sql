CREATE TABLE "member" (
	"tenant" text COLLATE "C" NOT NULL,
	"person" text COLLATE "C" NOT NULL,
	"role" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "member_tenant_person_pk" PRIMARY KEY("tenant","person")
);
--> statement-breakpoint
ALTER TABLE "token" ADD COLUMN "kinds" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "token" ADD COLUMN "created_by" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "token" ADD COLUMN "person" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "token" ADD COLUMN "last_used_at" bigint;--> statement-breakpoint
ALTER TABLE "guard" ADD COLUMN "owner" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "member" ADD CONSTRAINT "member_tenant_tenant_name_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "member_person" ON "member" USING btree ("person","tenant");--> statement-breakpoint
CREATE INDEX "token_created_by" ON "token" USING btree ("created_by");