-- Nobody reads the names of the other side any more.
update core."fieldMetadata" set relation = relation - 'targetObject' - 'targetField' where relation is not null;
