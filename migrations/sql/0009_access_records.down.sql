ALTER TABLE access_records ADD CONSTRAINT fk_access_records_user FOREIGN KEY (user_id) REFERENCES users (id);
ALTER TABLE access_records ADD CONSTRAINT fk_access_records_employee FOREIGN KEY (agency_id, employee_id)
    REFERENCES employees (agency_id, id);
