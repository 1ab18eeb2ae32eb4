"""Names that objects and fields of users cannot have, and why."""


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The contract's list (system-api.md §15), for objects and for fields.
_PLURAL = words(
    """
    approvedAccessDomain appToken billingCustomer billingEntitlement billingMeter billingProduct billingSubscription
    billingSubscriptionItem featureFlag job keyValuePair pageLayout pageLayoutTab pageLayoutWidget postgresCredential
    twoFactorMethod user userWorkspace workspace role userWorkspaceRole plan event field link type object relation
    """
)
_CONTRACT = words("currency currencies fullNames address addresses index aggregate") | {
    *_PLURAL,
    *(f"{word}s" for word in _PLURAL),
}

# `/rest/…`: what stands there is no object (core-api.md §4.5).
_PATHS = words("api apiKeys batch duplicates files groupBy imports merge metadata restore webhooks")

# What system operations of the contract are called, or are called after `create`, `update`, `delete` …: those of an
# object of that name would stand in their place. Operations that begin with a verb (`getViews`) are not listed.
_OPERATIONS = words(
    """
    agentHandoff agentTurns apiKey appConnection appConnections application applicationConnectionProviders
    applicationRegistration applicationRegistrationVariable barChartData billingPortalSession chatMessages chatThread
    chatThreads commandMenuItem commandMenuItems coreView coreViewField coreViewFields coreViewFilter
    coreViewFilterGroup coreViewGroup coreViewGroups coreViewSort currentUser currentWorkspace databaseConfigVariable
    developmentApplication emailGroupChannel emailingDomain enterpriseCheckoutSession enterprisePortalSession
    enterpriseSubscriptionStatus eventLogs file fileUpload frontComponent frontComponents indexMetadatas lineChartData
    minimalMetadata myCalendarChannels myConnectedAccounts myMessageChannels myMessageFolders navigationMenuItem
    navigationMenuItems objectEvent objectRecordCounts oneAgent oneAppToken oneCronTrigger oneDatabaseEventTrigger
    oneField oneIndex oneLogicFunction oneObject oneRemoteServer oneRole oneRouteTrigger oneServerlessFunction
    pieChartData publicDomain search skill skills twoFactorAuthenticationMethod unsubscribeTopic unsubscribeTopics
    userEmail userFromWorkspace versionInfo view viewField viewFieldGroup viewFieldGroups viewFields viewFilter
    viewFilterGroup viewGroup viewGroups viewSort webhook workflowRunStep workflowVersionEdge workflowVersionStep
    workspaceFeatureFlag workspaceInvitation workspaceMemberRole workspaceMemberSettings
    """
)

# Keys that stand beside fields in filters; operators, by which `company: {is: NULL}` is told from a filter on the
# fields of the company.
_KEYS = words("and or not eq neq in is gt gte lt lte")

# Columns that every table of PostgreSQL has, and one that the engine adds to the rows of a page.
_COLUMNS = words("ctid cmin cmax xmin xmax tableoid rn")

OF_OBJECTS = _CONTRACT | _PATHS | _OPERATIONS
OF_FIELDS = _CONTRACT | _KEYS | _COLUMNS
