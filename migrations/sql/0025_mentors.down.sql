DROP INDEX ix_plan_items_mentor;
