CREATE TABLE "sealing_check" (
	"key_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"sealed" text COLLATE "C" NOT NULL
);
