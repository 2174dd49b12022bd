DROP TRIGGER tr_grants_directory ON grants;
DROP TRIGGER tr_users_directory ON users;
DROP TRIGGER tr_agencies_directory ON agencies;
DROP FUNCTION directory_changed();
