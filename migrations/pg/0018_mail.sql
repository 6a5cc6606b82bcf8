CREATE TABLE "mail" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"recipient" text COLLATE "C" NOT NULL,
	"template" text COLLATE "C" NOT NULL,
	"sealed" text COLLATE "C" NOT NULL,
	"state" text COLLATE "C" NOT NULL,
	"attempts" bigint NOT NULL,
	"due_at" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"error" text COLLATE "C"
);
--> statement-breakpoint
CREATE INDEX "mail_due" ON "mail" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "mail_recipient" ON "mail" USING btree ("recipient","template","created_at");