CREATE TABLE "device_authorization" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"user_hash" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"remote" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"person" text COLLATE "C",
	"poll_every" bigint NOT NULL,
	"poll_from" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	CONSTRAINT "device_authorization_user_hash_unique" UNIQUE("user_hash")
);
--> statement-breakpoint
ALTER TABLE "person_session" ADD COLUMN "name" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "device_authorization" ADD CONSTRAINT "device_authorization_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "device_authorization_person" ON "device_authorization" USING btree ("person");--> statement-breakpoint
CREATE INDEX "device_authorization_expires" ON "device_authorization" USING btree ("expires_at");