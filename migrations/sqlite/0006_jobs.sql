CREATE TABLE `job` (
	`name` text PRIMARY KEY NOT NULL,
	`holder` text NOT NULL,
	`until` integer NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`failures` integer NOT NULL
);
