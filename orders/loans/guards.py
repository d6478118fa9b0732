"""SQL that keeps loans true, for migrations. The triggers' names are what `refusing(...)` knows the refusals by."""

#: A loan begins open, with something that may be lent and is in service until it is due. FOR SHARE waits for whoever
#: is just changing that.
LENDING = """
CREATE FUNCTION orders_loan_of_a_loaner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lent agreements_serviceobject%ROWTYPE;
BEGIN
    SELECT * INTO lent FROM agreements_serviceobject WHERE id = NEW.service_object_id FOR SHARE;
    IF NOT lent.is_loaner OR lent.ended_on <= NEW.due_on OR (TG_OP = 'INSERT' AND NEW.returned_on IS NOT NULL) THEN
        RAISE EXCEPTION 'object % cannot be lent like this', NEW.service_object_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER loan_of_a_loaner BEFORE INSERT OR UPDATE OF due_on ON orders_loan
FOR EACH ROW EXECUTE FUNCTION orders_loan_of_a_loaner();
"""
NO_LENDING = """
DROP TRIGGER loan_of_a_loaner ON orders_loan;
DROP FUNCTION orders_loan_of_a_loaner();
"""

#: What is lent stays what may be lent, and in service, until it is back.
LENT = """
CREATE FUNCTION orders_lent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM orders_loan WHERE service_object_id = OLD.id AND returned_on IS NULL) THEN
        RAISE EXCEPTION 'object % is lent', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER serviceobject_lent BEFORE UPDATE OF is_loaner, ended_on ON agreements_serviceobject FOR EACH ROW
WHEN (OLD.is_loaner AND (NOT NEW.is_loaner OR NEW.ended_on IS DISTINCT FROM OLD.ended_on AND NEW.ended_on IS NOT NULL))
EXECUTE FUNCTION orders_lent_stays();
"""
NOT_LENT = """
DROP TRIGGER serviceobject_lent ON agreements_serviceobject;
DROP FUNCTION orders_lent_stays();
"""
