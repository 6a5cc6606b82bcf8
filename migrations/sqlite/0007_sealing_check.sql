CREATE TABLE `sealing_check` (
	`key_id` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL
);
