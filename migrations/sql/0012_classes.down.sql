DROP TABLE evidence_proposals;
DROP TABLE certificates;
DROP TABLE class_feedbacks;
DROP TABLE attendances;
DROP TABLE enrolments;
DROP TABLE class_session_trainers;
DROP TABLE class_sessions;
DROP TABLE classes;
