CREATE TABLE "person" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"email" text COLLATE "C" NOT NULL,
	"email_verified" bigint NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"image" text COLLATE "C",
	"role" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "person_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "person_account" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"person" text COLLATE "C" NOT NULL,
	"provider" text COLLATE "C" NOT NULL,
	"account" text COLLATE "C" NOT NULL,
	"password" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "person_session" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hash" text COLLATE "C" NOT NULL,
	"person" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"remote" text COLLATE "C" NOT NULL,
	"user_agent" text COLLATE "C" NOT NULL,
	CONSTRAINT "person_session_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "person_code" (
	"hash" text COLLATE "C" PRIMARY KEY NOT NULL,
	"purpose" text COLLATE "C" NOT NULL,
	"person" text COLLATE "C",
	"email" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C",
	"password" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_attempt" (
	"key" text COLLATE "C" PRIMARY KEY NOT NULL,
	"failures" bigint NOT NULL,
	"at" bigint NOT NULL,
	"until" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "person_account" ADD CONSTRAINT "person_account_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_session" ADD CONSTRAINT "person_session_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person_code" ADD CONSTRAINT "person_code_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "person_account_provider" ON "person_account" USING btree ("provider","account");--> statement-breakpoint
CREATE INDEX "person_account_person" ON "person_account" USING btree ("person");--> statement-breakpoint
CREATE INDEX "person_session_person" ON "person_session" USING btree ("person","created_at");--> statement-breakpoint
CREATE INDEX "person_session_expires" ON "person_session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "person_code_email" ON "person_code" USING btree ("email");--> statement-breakpoint
CREATE INDEX "person_code_person" ON "person_code" USING btree ("person");--> statement-breakpoint
CREATE INDEX "person_code_expires" ON "person_code" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sign_in_attempt_at" ON "sign_in_attempt" USING btree ("at");