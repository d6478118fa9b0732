"""Movements stay; so do counts once they are posted; and what is tracked moves by its batch or serial number."""

from django.db import migrations

from servicemgmt.core.guards import frozen

#: A sheet that is posted or dropped is what somebody answered for: neither it nor its lines change any more.
COUNTS = """
CREATE FUNCTION inventory_count_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM inventory_stockcount WHERE id = OLD.count_id) = 'OPEN' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'lines of a closed count are frozen: % refused', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;

CREATE TRIGGER stockcountline_frozen_when_closed BEFORE UPDATE OR DELETE ON inventory_stockcountline
    FOR EACH ROW EXECUTE FUNCTION inventory_count_closed();
CREATE TRIGGER stockcount_frozen_when_closed BEFORE UPDATE OR DELETE ON inventory_stockcount
    FOR EACH ROW WHEN (OLD.status <> 'OPEN') EXECUTE FUNCTION core_frozen();
"""
COUNTS_BACK = """
DROP TRIGGER stockcount_frozen_when_closed ON inventory_stockcount;
DROP TRIGGER stockcountline_frozen_when_closed ON inventory_stockcountline;
DROP FUNCTION inventory_count_closed();
"""
#: Every movement of a tracked item names its batch or serial number, of which one piece moves at a time.
MOVES = """
CREATE FUNCTION inventory_move_names_lot() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text;
BEGIN
    SELECT tracking INTO kept FROM masterdata_item WHERE id = NEW.item_id;
    IF (kept = 'NONE') = (NEW.lot_id IS NULL)
        AND (kept <> 'SERIAL' OR abs(NEW.quantity) = 1)
        AND (NEW.lot_id IS NULL
            OR EXISTS (SELECT FROM inventory_lot WHERE id = NEW.lot_id AND item_id = NEW.item_id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a movement of a tracked item names its batch or one serial number'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
CREATE TRIGGER stockmove_names_its_lot BEFORE INSERT ON inventory_stockmove
    FOR EACH ROW EXECUTE FUNCTION inventory_move_names_lot();
"""
MOVES_BACK = """
DROP TRIGGER stockmove_names_its_lot ON inventory_stockmove;
DROP FUNCTION inventory_move_names_lot();
"""
#: How an item is tracked changes only while nothing of it lies anywhere. Who moves goods holds their on-hand rows, or
#: makes the first one, which waits for the item here.
ITEMS = """
CREATE FUNCTION inventory_tracking_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM masterdata_item WHERE id = OLD.id FOR UPDATE;
    PERFORM FROM inventory_onhand WHERE item_id = OLD.id ORDER BY warehouse_id FOR UPDATE;
    IF EXISTS (SELECT FROM inventory_onhand WHERE item_id = OLD.id AND quantity <> 0) THEN
        RAISE EXCEPTION 'something of the item is on hand'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_tracking_stays_while_on_hand BEFORE UPDATE OF tracking ON masterdata_item
    FOR EACH ROW WHEN (OLD.tracking <> NEW.tracking) EXECUTE FUNCTION inventory_tracking_stays();
CREATE FUNCTION inventory_holds_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM masterdata_item WHERE id = NEW.item_id FOR KEY SHARE;
    RETURN NEW;
END $$;
CREATE TRIGGER onhand_holds_its_item BEFORE INSERT ON inventory_onhand
    FOR EACH ROW EXECUTE FUNCTION inventory_holds_item();
"""
ITEMS_BACK = """
DROP TRIGGER onhand_holds_its_item ON inventory_onhand;
DROP FUNCTION inventory_holds_item();
DROP TRIGGER item_tracking_stays_while_on_hand ON masterdata_item;
DROP FUNCTION inventory_tracking_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial"), ("core", "0002_guards")]

    operations = [
        frozen("stockmove_append_only", "inventory_stockmove"),
        migrations.RunSQL(COUNTS, COUNTS_BACK),
        migrations.RunSQL(MOVES, MOVES_BACK),
        migrations.RunSQL(ITEMS, ITEMS_BACK),
        frozen("lot_stays_what_it_is", "inventory_lot", columns=["item_id", "number"]),
    ]
