DROP TABLE plan_snapshots;
DROP TABLE plan_comments;
DROP TABLE plan_progress;
DROP TABLE plan_transitions;
DROP TABLE plan_items;
DROP FUNCTION plan_items_frozen();
DROP TABLE plans;
DROP TABLE plan_templates;
