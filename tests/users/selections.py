"""Everything that can be asked about the caller."""

WORKSPACE = """
  activationStatus allowImpersonation createdAt customDomain databaseSchema databaseUrl defaultRole { id label }
  deletedAt displayName editableProfileFields featureFlags { key value } hasValidEnterpriseKey id
  inviteHash isCustomDomainEnabled isGoogleAuthBypassEnabled isGoogleAuthEnabled
  isMicrosoftAuthBypassEnabled isMicrosoftAuthEnabled
  isPasswordAuthBypassEnabled isPasswordAuthEnabled isPublicInviteLinkEnabled isTwoFactorAuthenticationEnforced logo
  metadataVersion routerModel subdomain trashRetentionDays updatedAt version workspaceCustomApplicationId
  workspaceMembersCount workspaceUrls { subdomainUrl customUrl } fastModel smartModel billingEntitlements { key value }
  billingSubscriptions { id status phases { start_date } } currentBillingSubscription { id }
"""
MEMBER = """
  avatarUrl calendarStartDay colorScheme dateFormat id locale name { firstName lastName } numberFormat
  roles { id label } timeFormat timeZone userEmail userWorkspaceId
"""
PERMISSIONS = """
  canDestroyObjectRecords canReadObjectRecords canSoftDeleteObjectRecords canUpdateObjectRecords objectMetadataId
  restrictedFields rowLevelPermissionPredicates { id operand } rowLevelPermissionPredicateGroups { id logicalOperator }
"""
MEMBERSHIP = f"""
  createdAt deletedAt id locale objectPermissions {{ {PERMISSIONS} }} objectsPermissions {{ {PERMISSIONS} }}
  permissionFlags twoFactorAuthenticationMethodSummary {{ status strategy twoFactorAuthenticationMethodId }}
  updatedAt user {{ id email }} userId workspaceId
"""
USER = f"""
  availableWorkspaces {{
    availableWorkspacesForSignIn {{ id displayName loginToken logo inviteHash personalInviteToken sso {{ id }}
      workspaceUrls {{ subdomainUrl customUrl }} }}
    availableWorkspacesForSignUp {{ id }}
  }}
  canAccessFullAdminPanel canImpersonate createdAt
  currentUserWorkspace {{ {MEMBERSHIP} workspace {{ {WORKSPACE} }} }}
  currentWorkspace {{ {WORKSPACE} }}
  defaultAvatarUrl deletedAt deletedWorkspaceMembers {{ avatarUrl id name {{ firstName lastName }} userEmail
    userWorkspaceId }}
  disabled email firstName hasPassword id isEmailVerified lastName locale onboardingStatus passwordHash supportUserHash
  updatedAt userVars
  userWorkspaces {{ {MEMBERSHIP} workspace {{ {WORKSPACE} }} }}
  workspaceMember {{ {MEMBER} }} workspaceMembers {{ {MEMBER} }}
  workspaces {{ id workspace {{ id displayName }} }}
"""
CURRENT_USER = f"{{ currentUser {{ {USER} }} }}"
CURRENT_WORKSPACE = f"{{ currentWorkspace {{ {WORKSPACE} }} }}"
