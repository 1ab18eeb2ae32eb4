"""All field types by name."""

from collections.abc import Mapping
from types import MappingProxyType

from rapport.metadata.fieldtypes.actor import ActorType
from rapport.metadata.fieldtypes.address import AddressType
from rapport.metadata.fieldtypes.array import ArrayType
from rapport.metadata.fieldtypes.base import FieldType
from rapport.metadata.fieldtypes.boolean import BooleanType
from rapport.metadata.fieldtypes.currency import CurrencyType
from rapport.metadata.fieldtypes.date import DateType
from rapport.metadata.fieldtypes.date_time import DateTimeType
from rapport.metadata.fieldtypes.emails import EmailsType
from rapport.metadata.fieldtypes.files import FilesType
from rapport.metadata.fieldtypes.full_name import FullNameType
from rapport.metadata.fieldtypes.links import LinksType
from rapport.metadata.fieldtypes.multi_select import MultiSelectType
from rapport.metadata.fieldtypes.number import NumberType
from rapport.metadata.fieldtypes.numeric import NumericType
from rapport.metadata.fieldtypes.phones import PhonesType
from rapport.metadata.fieldtypes.position import PositionType
from rapport.metadata.fieldtypes.rating import RatingType
from rapport.metadata.fieldtypes.raw_json import RawJsonType
from rapport.metadata.fieldtypes.relation import MorphRelationType, RelationType
from rapport.metadata.fieldtypes.rich_text import RichTextType
from rapport.metadata.fieldtypes.rich_text_v2 import RichTextV2Type
from rapport.metadata.fieldtypes.select import SelectType
from rapport.metadata.fieldtypes.text import TextType
from rapport.metadata.fieldtypes.ts_vector import TsVectorType
from rapport.metadata.fieldtypes.uuid import UuidType

FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        item.name: item
        for item in (
            UuidType(),
            TextType(),
            NumberType(),
            NumericType(),
            BooleanType(),
            DateTimeType(),
            DateType(),
            SelectType(),
            MultiSelectType(),
            RatingType(),
            PositionType(),
            RawJsonType(),
            ArrayType(),
            RichTextType(),
            RichTextV2Type(),
            TsVectorType(),
            RelationType(),
            MorphRelationType(),
            FilesType(),
            ActorType(),
            AddressType(),
            CurrencyType(),
            EmailsType(),
            FullNameType(),
            LinksType(),
            PhonesType(),
        )
    }
)
