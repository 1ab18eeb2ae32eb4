"""People."""

from rapport.metadata.standard.spec import CREATED_BY, POSITION, UPDATED_BY, ObjectSpec, field, to_many, to_one

PERSON = ObjectSpec(
    name="person",
    plural="people",
    label="Person",
    label_plural="People",
    icon="IconUser",
    shortcut="P",
    is_searchable=True,
    label_field="name",
    image_field="avatarUrl",
    duplicate_criteria=(("nameFirstName", "nameLastName"), ("linkedinLinkPrimaryLinkUrl",), ("emailsPrimaryEmail",)),
    unique_constraints=(("emailsPrimaryEmail",),),
    search=("name", "emails", "phones", "jobTitle"),
    fields=(
        field("name", "FULL_NAME", "Name", "IconUser"),
        field("emails", "EMAILS", "Emails", "IconMail", unique=True, settings={"maxNumberOfValues": 1}),
        field("linkedinLink", "LINKS", "Linkedin", "IconBrandLinkedin"),
        field("xLink", "LINKS", "X", "IconBrandX"),
        field("jobTitle", "TEXT", "Job Title", "IconBriefcase"),
        field("phones", "PHONES", "Phones", "IconPhone", settings={"maxNumberOfValues": 1}),
        field("city", "TEXT", "City", "IconMap"),
        field("avatarUrl", "TEXT", "Avatar", "IconFileUpload", system=True),
        field("avatarFile", "FILES", "Avatar", "IconFileUpload", system=True, settings={"maxNumberOfValues": 1}),
        POSITION,
        CREATED_BY,
        UPDATED_BY,
        to_one("company", "company.people", "Company", "IconBuildingSkyscraper"),
        to_many(
            "pointOfContactForOpportunities",
            "opportunity.pointOfContact",
            "Opportunities",
            "IconTargetArrow",
            description="Opportunities whose contact is this person",
        ),
        to_many("taskTargets", "taskTarget.targetPerson", "Tasks", "IconCheckbox", read_only=True),
        to_many("noteTargets", "noteTarget.targetPerson", "Notes", "IconNotes", read_only=True),
        to_many("favorites", "favorite.person", "Favorites", "IconHeart", system=True),
        to_many("attachments", "attachment.targetPerson", "Attachments", "IconFileImport", system=True),
        to_many(
            "messageParticipants", "messageParticipant.person", "Message Participants", "IconUserCircle", system=True
        ),
        to_many(
            "calendarEventParticipants",
            "calendarEventParticipant.person",
            "Calendar Event Participants",
            "IconCalendar",
            system=True,
        ),
        to_many("timelineActivities", "timelineActivity.targetPerson", "Events", "IconTimelineEvent", system=True),
    ),
)
